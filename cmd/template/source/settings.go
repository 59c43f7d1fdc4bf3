package source

import (
	_ "embed"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/queries/facts"
)

// Setting is a variable, call or field that puts an id into the User-Agent (settings.csv). Whatever else is named after the User-Agent is
// one, too (uaName).
type Setting struct {
	Name        string      // as a file has it
	Form        settingForm // how the value is given
	Client      string      // who reads it
	Takes       []string    // agent: a User-Agent with ids in it; else the forms of one id (partnerForm)
	Overwritten bool        // by tasks of Azure Pipelines and GitHub Actions
	languages   []string    // of the files that have it; none: all
	needs       string      // what such a file has as well, lower case
	Max         int         // characters that are kept; 0: all
	Beyond      string      // what happens to more than 24
}

type settingForm string

// The forms of settings.
const (
	FormVariable settingForm = "variable"
	formCall     settingForm = "call"
	FormField    settingForm = "field"
	formAgent    settingForm = "agent" // anything that is named after the User-Agent
	formFlag     settingForm = "flag"  // curl -A
)

// ApplicationID is how many characters an application id of Azure's SDKs may have.
const ApplicationID = 24

func newSetting(f []string) Setting {
	n, _ := strconv.Atoi(f[7]) // empty is 0: all
	return Setting{
		Name: f[0], Form: settingForm(f[1]), Client: f[2], Takes: strings.Fields(f[3]), Overwritten: f[4] == "yes",
		languages: strings.Fields(f[5]), needs: f[6], Max: n, Beyond: f[8],
	}
}

// Agent reports whether the setting takes a whole User-Agent, with ids in it.
func (s Setting) Agent() bool { return s.Takes[0] == "agent" }

// Hit is a place that names a setting.
type Hit struct {
	At, End int
	Setting Setting // the setting that is named
}

var (
	// uaName finds what is named after the User-Agent: the header, options, fields and calls.
	uaName = regexp.MustCompile(`(?i)user[-_]?agent`)
	// uaFlag is the option of curl and wget, also after others (-sSA) and as an element of a list.
	uaFlag = regexp.MustCompile(`(?:^|[\s(\["'])-[a-zA-Z]*[AU](?:["']?[ \t]*,[ \t]*|[ \t=]|["'\\` + "`" + `$])`)
)

// Concerned reports whether a file names any setting at all.
func (x *Script) Concerned() bool {
	folded := arm.LowerASCII(string(x.raw))
	return strings.Contains(folded, "agent") || x.flags(folded) || slices.ContainsFunc(settings(), func(s Setting) bool {
		return strings.Contains(folded, arm.LowerASCII(s.Name))
	})
}

// flags reports whether the text can have options of curl or wget.
func (x *Script) flags(folded string) bool {
	return strings.Contains(folded, "curl") || strings.Contains(folded, "wget")
}

// Hits are the places that name settings, in the order of the text.
func (x *Script) Hits() []Hit {
	var hits []Hit
	folded := arm.LowerASCII(x.Text)
	for _, s := range settings() {
		if len(s.languages) > 0 && !slices.Contains(s.languages, x.Language) || !strings.Contains(folded, s.needs) {
			continue
		}
		for at := 0; ; {
			n := strings.Index(folded[at:], arm.LowerASCII(s.Name))
			if n < 0 {
				break
			}
			at += n
			if wordAt(x.Text, at, len(s.Name)) {
				hits = append(hits, Hit{at, at + len(s.Name), s})
			}
			at += len(s.Name)
		}
	}
	for _, loc := range uaName.FindAllStringIndex(x.Text, -1) {
		from, to := loc[0], loc[1]
		for from > 0 && arm.IsWordByte(x.Text[from-1]) && x.Text[from-1] != '$' {
			from--
		}
		for to < len(x.Text) && arm.IsWordByte(x.Text[to]) {
			to++
		}
		hits = append(hits, Hit{from, to, Setting{Name: x.Text[from:to], Form: formAgent, Takes: []string{"agent"}}})
	}
	if !x.flags(folded) {
		slices.SortStableFunc(hits, func(a, b Hit) int { return a.At - b.At })
		return hits
	}
	for _, loc := range uaFlag.FindAllStringIndex(x.Text, -1) {
		at := loc[0] + strings.IndexByte(x.Text[loc[0]:loc[1]], '-')
		end := at + 1
		for end < loc[1] && arm.IsWordByte(x.Text[end]) {
			end++
		}
		hits = append(hits, Hit{at, end, Setting{Name: "User-Agent", Form: formFlag, Takes: []string{"agent"}}})
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return a.At - b.At })
	return hits
}

var (
	azureTask    = regexp.MustCompile(`(?mi)^\s*-?\s*task:\s*["']?Azure[A-Za-z]+@|^\s*-?\s*uses:\s*["']?azure/`)
	setsVariable = regexp.MustCompile(`(?i)task\.setvariable|GITHUB_ENV`)
	shellSets    = regexp.MustCompile(`^\w+[ \t]*\+?=`)
	mappingKey   = regexp.MustCompile(`^\s*(?:-\s*)?(?:(?:name|key):\s*)?["']?$`)
)

// SetsForTasks reports whether the name at an offset is set for whole tasks of a pipeline: as a key of YAML, or by a command to the agent. In the
// script of a task it comes after what the task has set.
func (x *Script) SetsForTasks(at int) bool {
	src := x.Text
	if x.Language != "yaml" {
		return setsVariable.MatchString(lineOf(src, at))
	}
	if x.azure == nil {
		found := azureTask.MatchString(src)
		x.azure = &found
	}
	if !*x.azure {
		return false
	}
	key := mappingKey.MatchString(src[lineStart(src, at):at]) && !shellSets.MatchString(src[at:min(len(src), at+reach)])
	return key || setsVariable.MatchString(lineOf(src, at))
}

//go:embed settings.csv
var settingsCSV string

var settings = sync.OnceValue(func() []Setting {
	var out []Setting
	for _, f := range facts.Rows("settings.csv", settingsCSV) {
		out = append(out, newSetting(f))
	}
	return out
})

// LooksLikeID reports whether a text was meant to be an id.
func LooksLikeID(s string) bool { return idLike.MatchString(s) }

var idLike = regexp.MustCompile(`(?i)^(?:pid-.*|[0-9a-f]{6,}(?:-[0-9a-f]+){2,})$`)
