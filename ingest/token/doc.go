// Package token is the grammar of tracking ids (SPEC 4): it finds them in deployment names and User-Agents, tells valid from malformed ones and
// why, normalises registry ids, and suggests the registered id that a malformed token was probably meant to be.
//
// # Data flow
//
//	text -> ASCII lower case -> (a) GUID tokens, (b) word tokens, (c) malformed runs -> []Token in the order of the text
//
// The attribution itself looks for tokens in SQL, once per distinct text, with the same RE2 patterns. Rule (d), GUIDs whose `pid-` is missing, is
// only there, because it needs all registered ids. A fuzz test keeps the two in agreement. Everything is ASCII: other letters are not folded, are
// not part of a token, and end one.
package token
