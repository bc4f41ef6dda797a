"""The only room that knows WeasyPrint: a tree of HTML in, the bytes of a tagged PDF out."""
