package adhoc

import (
	"strings"

	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/queries/sqltext"
)

// quoteTables puts quotes around the name of the report overlaps, which is also an operator: (a, b) overlaps (c, d). After FROM, JOIN and the like,
// and before a dot, it is the table.
func quoteTables(text string) string {
	const name = "overlaps"
	var out strings.Builder
	before := ""
	for i := 0; i < len(text); {
		n, kind := sqltext.Lexeme(text[i:])
		token := text[i : i+n]
		i += n
		if kind == sqltext.Code {
			isTable := i < len(text) && text[i] == '.'
			switch strings.ToLower(before) {
			case "from", "join", "describe", "summarize", "show":
				isTable = true
			}
			if before = token; isTable && strings.EqualFold(token, name) {
				token = engine.Ident(token)
			}
		}
		out.WriteString(token)
	}
	return out.String()
}
