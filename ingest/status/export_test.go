package status

// Gaps finds the months and days without usage.
var Gaps = gaps
