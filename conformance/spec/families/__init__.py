"""Parts that the specs of a family share: functions that return parts, which a spec spreads."""
