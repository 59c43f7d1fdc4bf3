// Package notice writes the text with which a partner tells customers about usage attribution, as Microsoft's guide asks.
//
//	subject (template, api), language -> texts/<language>.<subject>.txt, or a text of the partner's -> blocks -> Markdown, text or HTML
//
// A text has blocks parted by empty lines: a title (# ...), paragraphs, list items (- ...), and paragraphs for when no way to opt out is
// given (! ...). A block with {privacy} or {optout} goes when that is not given. All else is plain text: values and text alike are escaped
// for the form that is written. A further language is two further files.
package notice
