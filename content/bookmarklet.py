"""The button among somebody's bookmarks that takes a page along as an idea."""

from __future__ import annotations

import json

# In letters of the address; what is longer than a server reads would be refused. On the way through sign-in each
# percent sign takes three letters instead of one.
LONGEST_URL, LONGEST_TITLE, LONGEST_TEXT = 700, 300, 900

_SCRIPT = (
    "javascript:(function(){"
    "function cut(t,n){t=String(t||'').trim();"
    "while(encodeURIComponent(t.isWellFormed&&!t.isWellFormed()?'':t).length>n)"
    "{t=Array.from(t).slice(0,-Math.max(1,Math.floor(t.length/8))).join('')}return encodeURIComponent(t)}"
    "window.open(%(address)s+'?url='+cut(location.href,%(url)s)+'&title='+cut(document.title,%(title)s)"
    "+'&text='+cut(window.getSelection(),%(text)s),'_blank','noopener')})()"
)


def bookmarklet(address: str) -> str:
    """Return the address of a bookmark that opens a page of ours with address, title and selection of another."""
    # As a string of JavaScript, whatever stands in the address; a bookmark is decoded before it runs.
    said = json.dumps(address).replace("<", "\\u003c").replace("%", "%25")
    script = _SCRIPT % {"address": said, "url": LONGEST_URL, "title": LONGEST_TITLE, "text": LONGEST_TEXT}
    return script.replace(" ", "%20").replace('"', "%22")
