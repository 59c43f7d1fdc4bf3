// Package azure knows what Azure's texts mean, in any file: GUIDs, resource ids and what contains them, dates and durations, scopes of exports,
// names of regions. Each rule is here once, with its source; what to do with a text that breaks a rule is up to the reader of the file.
//
// Azure ignores case: resource ids, GUIDs and the words of its logs are compared in lower case. Where only ASCII letters can differ, only those are
// folded.
package azure
