"""Real indicator tables as rules, and the demonstration workbook made from them."""
