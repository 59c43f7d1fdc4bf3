// Package azure knows what the texts of Azure mean, whatever file they stand in: GUIDs, resource ids and what contains them, dates and
// durations, scopes of exports, names of regions. Each rule stands here once, with where it comes from; what a file does with a text that
// breaks one is the business of its reader.
//
// Texts of Azure have no case: resource ids, GUIDs and the words of its logs are compared in lower case. Where only ASCII letters can
// differ, only those are folded.
package azure
