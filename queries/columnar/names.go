package columnar

import (
	"fmt"
	"reflect"
	"unicode"
)

// ColumnOf is the column that a field of a struct stands for: run_id for RunID, sha256 for SHA256.
func ColumnOf(field string) string {
	var out []rune
	letters := []rune(field)
	for i, r := range letters {
		if unicode.IsUpper(r) {
			rest := string(letters[i+1:])
			endsWord := rest != "" && unicode.IsLower(letters[i+1]) && rest != "s" // the plural IDs is one word
			if i > 0 && (!unicode.IsUpper(letters[i-1]) || endsWord) {
				out = append(out, '_')
			}
			r = unicode.ToLower(r)
		}
		out = append(out, r)
	}
	return string(out)
}

// Numbers returns a struct of ints, each the number of the column that the field stands for, also in embedded structs. A field without a
// column, and a column without a field, are mistakes of the program and panic.
func Numbers[T any](s Schema) T {
	var numbers T
	fields := 0
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		for i := range v.NumField() {
			if v.Field(i).Kind() == reflect.Struct {
				fill(v.Field(i))
				continue
			}
			name := ColumnOf(v.Type().Field(i).Name)
			number := s.Index(name)
			if number < 0 {
				panic(fmt.Sprintf("columnar: the schema has no column %s", name)) // the lists are part of the program
			}
			v.Field(i).SetInt(int64(number))
			fields++
		}
	}
	fill(reflect.ValueOf(&numbers).Elem())
	if fields != len(s) {
		panic(fmt.Sprintf("columnar: %d fields for %d columns", fields, len(s)))
	}
	return numbers
}
