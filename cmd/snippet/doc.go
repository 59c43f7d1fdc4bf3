// Package snippet has the lines that put a tracking id into what a partner deploys with: SDKs, command lines, Terraform, templates.
//
//	language + id -> snippets.csv (comment sign, trap) and lines/<language>.txt -> Snippet
//
// The lines are text/template files; each comes with the trap that the client is known for.
package snippet
