"""Parse, call, render, exit. The only place that prints, and the only one that knows typer."""
