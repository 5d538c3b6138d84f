"""From pose samples to spans, doses and prompts. Pure: no input, no output, no clock."""
