// Package notice writes the text with which a partner tells customers about usage attribution, as Microsoft's guide asks.
//
//	subject (template, api) -> <subject>.txt with {placeholders} -> blocks -> Markdown, text or HTML
//
// A file of texts has blocks parted by empty lines: a title (# ...), paragraphs, and lists (- ...). All else is plain text: values and
// text alike are escaped for the form that is written.
package notice
