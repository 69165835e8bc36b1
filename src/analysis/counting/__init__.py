"""Counting: intervals, rates, comparisons, funnel limits, attrition, published rates and claims.

Everything takes tables and returns tables; nothing reads a file or knows a source's labels."""
