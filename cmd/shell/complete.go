package shell

import (
	"context"
	"strings"

	"github.com/pidledger/pidledger/queries"
)

// learnWords asks the engine for its reserved words.
func (s *Shell) learnWords(ctx context.Context) error {
	result, err := s.session.reader.Query(ctx, queries.Text("reader/keywords.sql"), nil)
	if err != nil {
		return err
	}
	defer result.Close() //nolint:errcheck // the next result replaces it
	for result.Next() {
		s.words = append(s.words, result.Cells()[0].S)
	}
	return result.Err()
}

// complete offers completions of the word before the cursor: commands; after the name of a table and a dot, its columns; else tables, columns and
// SQL words.
func (s *Shell) complete(line string, pos int) (head string, completions []string, tail string) {
	runes := []rune(line)
	pos = min(pos, len(runes))
	head, tail = string(runes[:pos]), string(runes[pos:])
	start := strings.LastIndexFunc(head, func(r rune) bool {
		return r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) + 1
	word := strings.ToLower(head[start:])
	head = head[:start]
	seen := map[string]bool{}
	offer := func(text string) {
		if strings.HasPrefix(text, word) && !seen[text] {
			seen[text] = true
			completions = append(completions, text)
		}
	}
	if strings.HasPrefix(word, ".") && strings.TrimSpace(head) == "" {
		for _, c := range commands() {
			offer(c.name)
		}
		return head, completions, tail
	}
	table, _, dotted := strings.Cut(word, ".")
	for _, c := range s.columns {
		if dotted && c.Table == table {
			offer(table + "." + c.Name)
		}
	}
	if dotted {
		return head, completions, tail
	}
	for _, name := range s.tables() {
		offer(name)
	}
	if word == "" {
		return head, completions, tail // the list of all columns and words would not help
	}
	for _, c := range s.columns {
		offer(c.Name)
	}
	for _, w := range s.words {
		offer(w)
	}
	return head, completions, tail
}
