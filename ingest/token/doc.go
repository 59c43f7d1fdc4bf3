// Package token is the grammar of tracking ids (SPEC 4): it finds them in deployment names and User-Agents, tells valid from malformed
// ones and why, normalises registry ids, and suggests the registered id that a malformed token was meant to be.
//
// # Data flow
//
//	text -> ASCII lower case -> (a) GUID tokens, (b) word tokens, (c) malformed runs -> []Token in the order of the text
//
// The attribution itself looks for tokens in SQL, once per different text, with the same RE2 patterns. Only there is rule (d), GUIDs whose
// `pid-` is missing: it needs all registered ids. A fuzz test holds the two to each other. Everything is ASCII: other letters are neither folded nor part of a token, and they end one.
package token
