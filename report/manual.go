package report

import _ "embed"

// Manual is the README of this folder: what the reports say. `pidledger help` shows its sections by topic.
//
//go:embed README.md
var Manual string
