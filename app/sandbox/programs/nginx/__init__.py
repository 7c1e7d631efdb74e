"""nginx: static files, `return`, and `proxy_pass`, by the configuration in the container's files.

Directives: http, server, location (prefix, `=`, `^~`), upstream, include, listen, server_name,
root, alias, index, try_files, return, add_header, default_type, proxy_pass, proxy_set_header,
proxy_*_timeout, error_page, set, server_tokens. Those that only tune are taken and do nothing.
Whatever else is refused at start, with nginx's words where it has some.
"""
