// Package cmd is the command line of pidledger.
//
// One command from start to end: Main makes a program (streams, environment, clock, App) and runs it. The root command (root.go)
// parses flags. A command's file holds its constructor, its options and its run function. The run function loads the configuration
// (config.go: defaults, then pidledger.yaml, then PIDLEDGER_* variables, then flags; settings.go is the one table of all keys),
// calls the App, which does the work and knows the database, and prints the result. Errors come back to program.run (main.go), the
// only place that turns them into a message and an exit code (package exit).
//
// Standard output carries results only. Progress (progress.go), notes and errors go to standard error.
package cmd
