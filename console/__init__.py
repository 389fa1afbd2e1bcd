"""The front door for people with a browser: server-rendered pages, complete without JavaScript. No rule lives here."""
