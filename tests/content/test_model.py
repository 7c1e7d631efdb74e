"""What the course's data say of themselves."""

from app.content.model import Choice


def test_a_reply_can_be_read_without_its_markup() -> None:
    choice = Choice("1", "Yes", False, "<p>A <code>Service</code> &amp; a pod differ.</p>\n")
    assert choice.reply == "A Service & a pod differ."
