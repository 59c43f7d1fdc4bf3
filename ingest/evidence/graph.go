package evidence

import (
	"slices"
	"strings"
)

// IsGraphHeader tells the columns of a result of Resource Graph whose rows keep what they tell as JSON in the column properties. What they
// are shows in the rows only: DetectGraph.
func IsGraphHeader(columns []string) bool {
	names := canonicalNames(columns)
	return slices.Contains(names, "properties") && (len(names) == 1 || slices.Contains(names, "id"))
}

// DetectGraph tells by the first rows of such a result whether it is one of resource changes.
func DetectGraph(columns []string, rows [][]string) (shape, reason string, ok bool) {
	names := canonicalNames(columns)
	id, typ, properties := slices.Index(names, "id"), slices.Index(names, "type"), slices.Index(names, "properties")
	cell := func(row []string, column int) string {
		if column < 0 || column >= len(row) {
			return ""
		}
		return strings.ToLower(row[column])
	}
	for _, row := range rows {
		if cell(row, typ) == "microsoft.resources/changes" || strings.Contains(cell(row, id), changesType) ||
			strings.Contains(cell(row, properties), `"targetresourceid"`) && strings.Contains(cell(row, properties), `"changetype"`) {
			return "change", "columns of a result of Resource Graph, whose properties tell changes", true
		}
	}
	return "", "", false
}

// changesType stands in the ids of resource changes.
const changesType = "/providers/microsoft.resources/changes/"

func canonicalNames(columns []string) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = canonicalName(c)
	}
	return names
}
