package identify

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/valyala/fastjson"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/source"
	"github.com/pidledger/pidledger/ingest/usage"
	"github.com/pidledger/pidledger/queries/facts"
)

//go:embed others.csv
var othersCSV string

// otherKind is one line of others.csv: a kind of file that people keep beside the files that pidledger reads. Those with the status ignored are no
// loss. From the others the person expects something, and the hint says how to get a usable file.
type otherKind struct {
	ignored     bool
	needs       []string // names that a header, or the members of a record, must have; type:x is the value of the member type
	title, hint string
}

// SeemsToBe begins the reason for a file of another kind.
const SeemsToBe = "seems to be "

func (k *otherKind) String() string { return SeemsToBe + k.title + ": " + k.hint }

// otherKinds is others.csv, read once. A mistake in it is a bug, which a test finds.
var otherKinds = sync.OnceValue(func() []otherKind {
	var out []otherKind
	for _, f := range facts.Rows("others.csv", othersCSV) {
		out = append(out, otherKind{ignored: f[0] == "ignored", needs: strings.Fields(f[1]), title: f[2], hint: f[3]})
	}
	return out
})

// other finds the first kind all of whose names the file has.
func (h *head) other() *otherKind {
	kinds := otherKinds()
	names := map[string]bool{}
	for _, column := range h.header {
		names[usage.CanonicalHeader(column)] = true
	}
	if len(h.values) > 0 {
		addMembers(names, "", h.values[0])
	}
	for i := range kinds {
		has := true
		for _, need := range kinds[i].needs {
			has = has && names[need]
		}
		if has {
			return &kinds[i]
		}
	}
	return nil
}

// addMembers adds the names of a record's members: those of its properties as if they were outer members, those of other objects after a dot.
func addMembers(names map[string]bool, before string, v *fastjson.Value) {
	o, err := v.Object()
	if err != nil {
		return
	}
	o.Visit(func(key []byte, v *fastjson.Value) {
		name := usage.CanonicalHeader(string(key))
		names[before+name] = true
		switch {
		case before != "":
		case name == "type":
			names["type:"+strings.ToLower(string(v.GetStringBytes()))] = true
		case name == "properties":
			addMembers(names, "", v)
		default:
			addMembers(names, name+".", v)
		}
	})
}

func matchOther(h *head) (string, string, bool) {
	k := h.other()
	if k == nil || !k.ignored {
		return "", "", false
	}
	return "", k.String(), true
}

var (
	tableRule = regexp.MustCompile(`^[-+=| ]*-{3}[-+=| ]*$`)
	// commandError is what az and PowerShell write when they fail: ERROR: ..., az : ERROR: ..., Get-AzX : ... .
	commandError = regexp.MustCompile(`^(?:az(?:\.cmd)? : )?ERROR: |^(?:Get|Invoke|Search|Export|New)-Az[A-Za-z]+ ?: `)
	yamlMember   = regexp.MustCompile(`^(- |  )?[A-Za-z][A-Za-z0-9_]*:( |$)`)
	listMember   = regexp.MustCompile(`^ *[A-Za-z][A-Za-z0-9_]* +:( |$)`)
	plainValue   = regexp.MustCompile(`^(/subscriptions/.*|-?[0-9][0-9.,:/TZ+-]*|(?i:true|false|succeeded|failed))$`)
)

// OtherText says what a text that no format claims seems to be.
func OtherText(text []byte) string {
	text = bytes.ReplaceAll(bytes.TrimPrefix(text, []byte("\ufeff")), []byte("\r"), []byte("\n"))
	var lines []string
	for line := range strings.SplitSeq(string(text), "\n") {
		if strings.TrimSpace(line) != "" && len(lines) < maxTalk {
			lines = append(lines, strings.TrimRight(line, " \t"))
		}
	}
	if len(lines) == 0 {
		return "begins with nothing but blank lines: write it again"
	}
	first := strings.ToLower(strings.TrimSpace(lines[0]))
	switch {
	case strings.HasPrefix(first, "<!doctype html"), strings.HasPrefix(first, "<html"):
		return SeemsToBe + "a web page, perhaps the sign-in page instead of the file: download it again"
	case strings.HasPrefix(first, "<?xml"), strings.HasPrefix(first, "<error"):
		return SeemsToBe + "XML, perhaps an error message of the storage account instead of the file: download it again"
	case strings.HasPrefix(first, "version https://git-lfs"):
		return SeemsToBe + "a Git LFS pointer instead of the file: fetch the file with git lfs pull"
	case len(lines) > 1 && (tableRule.MatchString(lines[0]) || tableRule.MatchString(lines[1])):
		return SeemsToBe + "a table for the screen, as az ... -o table and Format-Table write it: write it again with " + jsonCommand(text, "-o json (PowerShell: ConvertTo-Json -Depth 100)")
	case most(lines, listMember.MatchString):
		return SeemsToBe + "what PowerShell shows on the screen: write it again with ConvertTo-Json -Depth 100" + orCommand(text)
	}
	for i, line := range lines[1:] {
		if strings.HasPrefix(line, "{") || strings.HasPrefix(line, "[") {
			if start := strings.TrimSpace(line); len(start) == 1 || strings.ContainsAny(start[1:2], `"{[]}`) {
				what := "a line of other output comes before its JSON: %s"
				if i > 0 {
					what = fmt.Sprint(i+1) + " lines of other output come before its JSON, the first is %s"
				}
				return fmt.Sprintf(what+": write it again with 2>/dev/null or --only-show-errors, or delete everything before the JSON", firstLine(text))
			}
		}
	}
	if commandError.MatchString(lines[0]) {
		return "the command that should have written the file failed: " + firstLine(text) + "; fix that and run it again"
	}
	if begin := lines[:min(len(lines), 2)]; countFunc(begin, yamlMember.MatchString) == len(begin) {
		return SeemsToBe + "YAML, as az ... -o yaml writes it: write it again with " + jsonCommand(text, "-o json")
	}
	for _, d := range delimiters {
		cells := strings.Split(lines[0], d)
		switch {
		case len(cells) < 3 || !isRow(cells):
		case d == "\t":
			return SeemsToBe + "az ... -o tsv, values between tabs without the names of their columns: write it again with " + jsonCommand(text, "-o json")
		default:
			return "has no header: its first line is a row already; put the header of the export before it"
		}
	}
	for _, d := range otherDelimiters {
		if n := strings.Count(lines[0], d); n >= minDelimiters && n == strings.Count(lines[min(1, len(lines)-1)], d) {
			return fmt.Sprintf("its fields seem to be separated by %q; only comma, semicolon, tab and pipe are read as delimiters: write it again with one of them", d)
		}
	}
	for _, d := range delimiters {
		if n := strings.Count(lines[0], d); n > 0 && n == strings.Count(lines[min(1, len(lines)-1)], d) {
			return "its columns are " + shorten(strings.Split(lines[0], d)) + ": no known export"
		}
	}
	return "a text without a header or a known User-Agent; its first line is " + firstLine(text)
}

// jsonCommands are the commands that write readable evidence, by words of the unreadable forms.
var jsonCommands = []struct {
	words   []string
	command string
}{
	{[]string{"eventtimestamp"}, "az monitor activity-log list --offset 90d --max-events 100000 -o json > activity.json"},
	{[]string{"/events/", "/ticks/"}, "az monitor activity-log list --offset 90d --max-events 100000 -o json > activity.json"},
	{[]string{"operationid", "targetresource"}, "az deployment operation group list --resource-group RG --name DEPLOYMENT -o json > operations.json"},
	{[]string{"provisioningoperation"}, "az deployment operation group list --resource-group RG --name DEPLOYMENT -o json > operations.json"},
	{[]string{"/deployments/", "/operations/"}, "az deployment operation group list --resource-group RG --name DEPLOYMENT -o json > operations.json"},
	{[]string{"deploymentname", "provisioningstate"}, "az deployment group list --resource-group RG -o json > deployments.json"},
	{[]string{"state", "timestamp", "mode"}, "az deployment group list --resource-group RG -o json > deployments.json"},
	{[]string{"/microsoft.resources/deployments/"}, "az deployment group list --resource-group RG -o json > deployments.json"},
}

// jsonCommand is the command that produces what a text seems to be, else the given one.
func jsonCommand(text []byte, other string) string {
	text = bytes.ToLower(text)
	for _, c := range jsonCommands {
		has := true
		for _, word := range c.words {
			has = has && bytes.Contains(text, []byte(word))
		}
		if has {
			return c.command
		}
	}
	return other
}

// orCommand adds the command, if there is one, as an alternative.
func orCommand(text []byte) string {
	if c := jsonCommand(text, ""); c != "" {
		return ", or take " + c
	}
	return ""
}

// most reports whether more than half of the lines, and at least three, pass a test.
func most(lines []string, is func(string) bool) bool {
	n := countFunc(lines, is)
	return n >= 3 && n*2 > len(lines)
}

var delimiters = []string{"\t", ",", ";", "|"}

// otherDelimiters are what databases also write between fields, and minDelimiters how many of them a header of an export has at least.
var otherDelimiters = []string{"^", "~", "\x01", "\x1f", "\u00a6", "\u00a7"}

const minDelimiters = 5

// isRow reports whether cells are those of a row and not the names of a header.
func isRow(cells []string) bool {
	for _, c := range cells {
		if c = strings.Trim(strings.TrimSpace(c), `"`); plainValue.MatchString(c) || azure.IsGUID([]byte(strings.ToLower(c))) {
			return true
		}
	}
	return false
}

// seen describes a file that no format claims.
func (h *head) seen() string {
	k := h.other()
	switch {
	case k != nil:
		return k.String()
	case h.why != "":
		return h.why
	case len(h.values) > 0:
		var names []string
		if o, err := h.values[0].Object(); err == nil {
			o.Visit(func(key []byte, _ *fastjson.Value) { names = append(names, string(key)) })
		}
		if len(names) == 0 {
			return "its records have no members"
		}
		return "its records have the members " + shorten(names)
	case h.file.Kind == source.KindText:
		return OtherText(h.file.Head())
	case len(h.header) > 1:
		return "its columns are " + shorten(h.header)
	}
	return "nothing in it is recognised"
}

// countFunc counts the items of which a test is true.
func countFunc[T any](items []T, test func(T) bool) (n int) {
	for _, item := range items {
		if test(item) {
			n++
		}
	}
	return n
}
