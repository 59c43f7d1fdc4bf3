package template

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/ingest/token"
)

// setting is a variable, call or field that puts an id into the User-Agent (settings.csv). Whatever else is named after the User-Agent is
// one, too (uaName).
type setting struct {
	name        string
	form        settingForm
	client      string
	takes       []string // agent: a User-Agent with ids in it; else the forms of one id (partnerForm)
	overwritten bool     // by tasks of Azure Pipelines and GitHub Actions
	languages   []string // of the files that have it; none: all
	needs       string   // what such a file has as well, lower case
	max         int      // characters that are kept; 0: all
	beyond      string   // what happens to more than 24
}

type settingForm string

const (
	formVariable settingForm = "variable"
	formCall     settingForm = "call"
	formField    settingForm = "field"
	formAgent    settingForm = "agent" // anything that is named after the User-Agent
	formFlag     settingForm = "flag"  // curl -A
)

// applicationID is how many characters an application id of Azure's SDKs may have.
const applicationID = 24

func newSetting(f []string) setting {
	n, _ := strconv.Atoi(f[7]) // empty is 0: all
	return setting{
		name: f[0], form: settingForm(f[1]), client: f[2], takes: strings.Fields(f[3]), overwritten: f[4] == "yes",
		languages: strings.Fields(f[5]), needs: f[6], max: n, beyond: f[8],
	}
}

func (s setting) agent() bool { return s.takes[0] == "agent" }

// agent is a place that puts ids into the User-Agent.
type agent struct {
	ids      []string
	at       place
	provider bool // by partner_id: the provider adds it after what the environment says
	variable bool // of the environment
}

// hit is a place that names a setting.
type hit struct {
	at, end int
	s       setting
}

var (
	// uaName finds what is named after the User-Agent: the header, options, fields and calls.
	uaName = regexp.MustCompile(`(?i)user[-_]?agent`)
	// uaFlag is the option of curl and wget, also behind others (-sSA) and as an element of a list.
	uaFlag = regexp.MustCompile(`(?:^|[\s(\["'])-[a-zA-Z]*[AU](?:["']?[ \t]*,[ \t]*|[ \t=]|["'\\` + "`" + `$])`)
)

// settings looks for settings of the User-Agent in any text.
func (c *checker) settings() {
	x := c.o.near.script(c.file.name, c.file.data)
	if c.script = x; !x.concerned() {
		return
	}
	x.read()
	busy := 0 // the end of the last value
	for _, h := range x.hits() {
		if h.at < busy {
			continue
		}
		v, ok := x.valueOf(h)
		if !ok {
			continue
		}
		busy = max(v.to, h.end)
		c.setting(h.s, place{start: v.from, end: v.to}, v.text, h.at)
	}
	c.together(x.text)
}

// concerned reports whether a file names any setting at all.
func (x *script) concerned() bool {
	folded := lowerASCII(string(x.raw))
	return strings.Contains(folded, "agent") || x.flags(folded) || slices.ContainsFunc(data().settings, func(s setting) bool {
		return strings.Contains(folded, lowerASCII(s.name))
	})
}

// flags reports whether the text can have options of curl or wget.
func (x *script) flags(folded string) bool {
	return strings.Contains(folded, "curl") || strings.Contains(folded, "wget")
}

// hits are the places that name settings, in the order of the text.
func (x *script) hits() []hit {
	var hits []hit
	folded := lowerASCII(x.text)
	for _, s := range data().settings {
		if len(s.languages) > 0 && !slices.Contains(s.languages, x.language) || !strings.Contains(folded, s.needs) {
			continue
		}
		for at := 0; ; {
			n := strings.Index(folded[at:], lowerASCII(s.name))
			if n < 0 {
				break
			}
			at += n
			if wordAt(x.text, at, len(s.name)) {
				hits = append(hits, hit{at, at + len(s.name), s})
			}
			at += len(s.name)
		}
	}
	for _, loc := range uaName.FindAllStringIndex(x.text, -1) {
		from, to := loc[0], loc[1]
		for from > 0 && isWordByte(x.text[from-1]) && x.text[from-1] != '$' {
			from--
		}
		for to < len(x.text) && isWordByte(x.text[to]) {
			to++
		}
		hits = append(hits, hit{from, to, setting{name: x.text[from:to], form: formAgent, takes: []string{"agent"}}})
	}
	if !x.flags(folded) {
		slices.SortStableFunc(hits, func(a, b hit) int { return a.at - b.at })
		return hits
	}
	for _, loc := range uaFlag.FindAllStringIndex(x.text, -1) {
		at := loc[0] + strings.IndexByte(x.text[loc[0]:loc[1]], '-')
		end := at + 1
		for end < loc[1] && isWordByte(x.text[end]) {
			end++
		}
		hits = append(hits, hit{at, end, setting{name: "User-Agent", form: formFlag, takes: []string{"agent"}}})
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return a.at - b.at })
	return hits
}

// setting checks one value.
func (c *checker) setting(s setting, at place, value string, named int) {
	if !s.agent() {
		c.partnerSetting(s, at, value)
		return
	}
	value = decoded(value)
	var valid, broken []token.Token
	for _, t := range token.Find(value, token.UserAgent) {
		end := t.Start + len(t.Text)
		switch {
		case t.Valid():
			valid = append(valid, t)
		case end < len(value) && value[end] == holeByte: // how it goes on is not known
		case !slices.ContainsFunc(broken, func(b token.Token) bool { return b.Text == t.Text }):
			broken = append(broken, t)
		}
	}
	ok := true
	report := func(rule, id, why string, args ...any) {
		ok = false
		c.report(rule, at, why, args...).ID = id
	}
	for _, t := range broken {
		report("U06", "", "%s: %s: %s%s", s.name, reasons[t.Reason], clip(t.Text), c.meant(t.Text))
	}
	if len(valid)+len(broken) > 0 && s.beyond != "" && len(value) > applicationID {
		if s.max > 0 {
			report("U04", idOf(valid), "%s: with %s an application id %s, and this one has %d", s.name, s.client, s.beyond, len(value))
		} else {
			c.reportAs("U04", Info, at, "%s: an application id %s; this one has %d", s.name, s.beyond, len(value)).ID = idOf(valid)
		}
	}
	if len(valid) == 0 && len(broken) == 0 {
		if s.beyond != "" {
			return // an application id is also what the directory calls an app
		}
		for _, word := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t,;", r) }) {
			if wholeGUID.MatchString(word) {
				report("U02", strings.ToLower(word), "%s: the GUID %s stands without pid- before it", s.name, word)
			}
		}
		return
	}
	ids := idsOf(valid)
	if len(ids) > 1 {
		report("U03", ids[0], "%s has %d ids (%s); Azure reads one of a User-Agent", s.name, len(ids), sample(ids))
	}
	if s.overwritten && c.pipeline(named) {
		report("U05", idOf(valid), "the tasks and actions that sign in to Azure set %s themselves, so what stands here is lost in them", s.name)
	}
	if len(ids) > 0 {
		c.agents = append(c.agents, agent{ids: ids, at: at, variable: s.form == formVariable})
	}
	if strings.EqualFold(s.name, "AddUserAgent") && c.script.language == "powershell" {
		c.report("U08", at, "the id is sent by everything that this PowerShell process does from here on").ID = idOf(valid)
	}
	for _, id := range ids {
		if ok {
			c.confirm(at, id, s.name)
		}
	}
}

// partnerSetting checks the value of a setting that takes one id. A field has a name that others have, too, so what does not look like an
// id is none of it.
func (c *checker) partnerSetting(s setting, at place, value string) {
	value = decoded(value)
	if value == "" || strings.ContainsRune(value, holeByte) || s.form == formField && !looksLikeID(value) {
		return
	}
	c.partnerValue(s.name, value, at, s.takes)
	if n := len(c.agents); n > 0 && strings.HasPrefix(s.client, "Terraform") && c.agents[n-1].at == at {
		c.agents[n-1].provider = true
	}
}

var idLike = regexp.MustCompile(`(?i)^(?:pid-.*|[0-9a-f]{6,}(?:-[0-9a-f]+){2,})$`)

func looksLikeID(s string) bool { return idLike.MatchString(s) }

// decoded undoes the base64 of a Kubernetes secret when that has an id.
func decoded(value string) string {
	if b, err := base64.StdEncoding.DecodeString(value); err == nil && looksLikeID(strings.TrimSpace(string(b))) {
		return strings.TrimSpace(string(b))
	}
	return value
}

// confirm reports an id in order, and what the registry has against it.
func (c *checker) confirm(at place, id, where string) {
	if !slices.Contains(c.ids, id) {
		c.ids = append(c.ids, id)
	}
	c.report("U01", at, "%s sends pid-%s", where, id).ID = id
	c.shared(at, id)
	if c.o.Registry != nil {
		c.standing(at, id)
	}
}

var (
	runsTerraform = regexp.MustCompile(`(?m)^[^#\n]*\bterraform(?:\.exe)?\s+(?:-\S+\s+)*(?:apply|plan|destroy)\b`)
	noDefaultID   = regexp.MustCompile(`(?i)\bARM_DISABLE_TERRAFORM_PARTNER_ID\b["'\]})\s]*[=:,]\s*["']?true|\bdisable_terraform_partner_id\s*=\s*true`)
)

// together finds ids that only meet when a client runs: Terraform sends the environment's and the provider's (U03).
func (c *checker) together(src string) {
	var env, own *agent
	for i := range c.agents {
		if a := &c.agents[i]; a.provider {
			own = a
		} else if env == nil && a.variable {
			env = a
		}
	}
	if env == nil {
		return
	}
	switch {
	case own != nil && own.ids[0] != env.ids[0]:
		c.report("U03", env.at, "Terraform sends this id and the partner_id %s in one User-Agent; Azure reads one of them", own.ids[0]).ID = env.ids[0]
	case own == nil && runsTerraform.MatchString(src) && !noDefaultID.MatchString(src):
		c.report("U03", env.at, "without a partner_id Terraform adds an id of its own behind this one; Azure reads one of them").ID = env.ids[0]
	}
}

var (
	azureTask    = regexp.MustCompile(`(?mi)^\s*-?\s*task:\s*["']?Azure[A-Za-z]+@|^\s*-?\s*uses:\s*["']?azure/`)
	setsVariable = regexp.MustCompile(`(?i)task\.setvariable|GITHUB_ENV`)
	shellSets    = regexp.MustCompile(`^\w+[ \t]*\+?=`)
	mappingKey   = regexp.MustCompile(`^\s*(?:-\s*)?(?:(?:name|key):\s*)?["']?$`)
)

// pipeline reports whether the name at an offset is set for whole tasks of a pipeline: as a key of YAML, or by a command to the agent. In the
// script of a task it comes after what the task has set.
func (c *checker) pipeline(at int) bool {
	src := c.script.text
	if c.script.language != "yaml" {
		return setsVariable.MatchString(lineOf(src, at))
	}
	if c.azure == nil {
		found := azureTask.MatchString(src)
		c.azure = &found
	}
	if !*c.azure {
		return false
	}
	key := mappingKey.MatchString(src[lineStart(src, at):at]) && !shellSets.MatchString(src[at:min(len(src), at+reach)])
	return key || setsVariable.MatchString(lineOf(src, at))
}

// partnerValue checks one id in the forms that a client takes; no forms: any.
func (c *checker) partnerValue(name, value string, at place, takes []string) {
	f := partnerForm(value)
	if f.form == "" {
		why := "this is no tracking id" // words where only a GUID goes
		if r := token.Normalise(value).Reason; r != "" && reasons[r] != "" {
			why = reasons[r]
		}
		c.report("U06", at, "%s: %s: %s%s", name, why, clip(value), c.meant(value))
		return
	}
	c.agents = append(c.agents, agent{ids: []string{f.id}, at: at})
	if len(takes) > 0 && !slices.Contains(takes, f.form) {
		c.report("U07", at, "%s takes %s only; %s would be refused or sent as it is", name, strings.Join(takes, ", "), clip(value)).ID = f.id
		return
	}
	c.confirm(at, f.id, name)
}

// partner is an id as a provider's partner_id has it.
type partner struct{ id, form string }

// partnerForm tells the forms of a partner_id; the form of what is no id is empty.
func partnerForm(value string) partner {
	value = strings.TrimSpace(value)
	id := token.Normalise(value)
	text := lowerASCII(value)
	switch {
	case id.Malformed():
		return partner{}
	case id.Kind == token.KindWords && !(strings.HasPrefix(text, "pid-") && strings.HasSuffix(text, partnerCenter)):
		return partner{}
	case id.Kind == token.KindWords:
		return partner{id.ID, "words"}
	case strings.HasSuffix(text, partnerCenter):
		return partner{id.ID, "partnercenter"}
	case strings.HasPrefix(text, "pid-"):
		return partner{id.ID, "pid"}
	}
	return partner{id.ID, "guid"}
}

func idOf(t []token.Token) string {
	if len(t) == 0 {
		return ""
	}
	return t[0].ID
}

func idsOf(list []token.Token) []string {
	var out []string
	for _, t := range list {
		if !slices.Contains(out, t.ID) {
			out = append(out, t.ID)
		}
	}
	return out
}
