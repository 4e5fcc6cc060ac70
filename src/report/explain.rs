//! Writes the page of a port as text, JSON or Markdown.
