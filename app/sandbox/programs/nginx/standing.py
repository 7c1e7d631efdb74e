"""What the image brings: its configuration and its page, in our own words."""

VERSION = "1.27.5"
WELCOME = """<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>This page says that the web server nginx runs here and has not been told yet what to serve.</p>
<p>Inside the sandbox it is played by a small program that reads the same configuration.</p>
</body>
</html>
"""
MAIN = """user nginx;
worker_processes auto;
pid /run/nginx.pid;

events {
    worker_connections 1024;
}

http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    include /etc/nginx/conf.d/*.conf;
}
"""
CONF = """server {
    listen 80;
    server_name localhost;

    location / {
        root /usr/share/nginx/html;
        index index.html index.htm;
    }
}
"""
MIME = {
    "css": "text/css",
    "csv": "text/csv",
    "gif": "image/gif",
    "htm": "text/html",
    "html": "text/html",
    "ico": "image/x-icon",
    "jpg": "image/jpeg",
    "js": "application/javascript",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "xml": "text/xml",
}
TITLES = {400: "Bad Request", 405: "Not Allowed", 413: "Request Entity Too Large"}
TITLES |= {414: "Request-URI Too Large", 503: "Service Temporarily Unavailable"}
TITLES |= {504: "Gateway Time-out", 302: "Found", 500: "Internal Server Error"}
