"""One recording: tables, summary, pictures, page, terminal, annotated video, formats of other programs."""
