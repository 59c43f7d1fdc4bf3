package chain

import (
	"slices"
	"strings"

	"github.com/pidledger/pidledger/queries"
)

// readAfter are the folders of SQL that reads what the chain leaves. The tables of filters are named by Go (see publishedFilter).
var (
	readAfter = []string{"report", "snapshot", "focus", "ledger"}
	filtering = []string{"hidden_ids", "hidden_subscriptions", "hidden_resources", "hidden_files", "mixed_files"}
)

// lastRead lists, by step, the tables that nothing reads after it, of the kind Table. Their names are looked for in the SQL: a word that only looks
// like one keeps a table longer than need be.
func lastRead() map[string][]string {
	steps := Steps()
	kept := map[string]bool{}
	keep := func(words map[string]bool) {
		for w := range words {
			kept[w] = true
		}
	}
	for _, folder := range readAfter {
		for _, name := range queries.List(folder) {
			keep(wordsOf(queries.Text(folder + "/" + name + ".sql")))
		}
	}
	for _, name := range slices.Concat(compared, filtering) {
		kept[name] = true
	}
	last := map[string]string{} // table -> step
	for _, s := range steps {
		words := wordsOf(queries.Text(s.file()))
		if s.Kind == View || s.Kind == Working || s.Kind == Asked { // read where it is used
			keep(words)
		}
		if s.Kind == Table {
			last[s.Name] = s.Name
		}
		for w := range words {
			if last[w] != "" {
				last[w] = s.Name
			}
		}
	}
	out := map[string][]string{}
	for _, s := range steps {
		if by := last[s.Name]; by != "" && !kept[s.Name] {
			out[by] = append(out[by], s.Name)
		}
	}
	return out
}

// wordsOf lists the words of an SQL text but for its comments.
func wordsOf(text string) map[string]bool {
	out := map[string]bool{}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "--")
		for _, w := range strings.FieldsFunc(line, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' }) {
			out[w] = true
		}
	}
	return out
}
