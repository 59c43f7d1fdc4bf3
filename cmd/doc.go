// Package cmd is the command line of pidledger.
//
// One command from start to end: Main makes a program (streams, clock, App) and runs it. The root command (root.go) parses flags. Families of
// commands are packages below this one (authoring, ledger, published, registry, support); the night's commands are here. A command's file
// holds its constructor, its options and its run function. The run function loads the settings (package config, through cli), does the night
// (package night) or asks the App, which knows ledger and snapshots (app.go), and prints the result (package terminal). Errors come back to
// program.run (main.go), which has package exit turn them into a message and an exit code.
//
// Standard output carries results only. Progress, notes and errors go to standard error.
package cmd
