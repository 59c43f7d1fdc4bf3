package template

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/ingest/token"
)

// setting is a variable, call or field that puts text into the User-Agent (settings.csv).
type setting struct {
	name        string
	form        string // variable, call, field
	client      string
	max         int  // characters that are kept; 0: all
	prefix      bool // pid- must stand before the GUID
	overwritten bool // by tasks of Azure Pipelines and GitHub Actions
}

func newSetting(f []string) setting {
	n, _ := strconv.Atoi(f[3]) // empty is 0: all
	return setting{name: f[0], form: f[1], client: f[2], max: n, prefix: f[4] == "yes", overwritten: f[5] == "yes"}
}

// agent is a place that puts ids into the User-Agent.
type agent struct {
	ids      []string
	at       place
	provider bool // by partner_id: the provider adds it after what the environment says
}

// settings looks for User-Agent settings in any text.
func (c *checker) settings() {
	src := string(c.file.data)
	c.src = src
	folded := lowerASCII(src)
	vars := assignments(src)
	busy := 0 // the end of the last value
	type hit struct {
		at int
		s  setting
	}
	var hits []hit
	for _, s := range data().settings {
		for at := 0; ; {
			n := strings.Index(folded[at:], lowerASCII(s.name))
			if n < 0 {
				break
			}
			at += n
			if wordAt(src, at, len(s.name)) {
				hits = append(hits, hit{at, s})
			}
			at += len(s.name)
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return a.at - b.at })
	for _, h := range hits {
		if h.at < busy || commented(src, h.at) {
			continue
		}
		if from, to, ok := valueOf(src, h.at, h.s); ok {
			busy = to
			c.setting(h.s, place{start: from, end: to}, expand(src[from:to], vars), h.at)
		}
	}
	c.together(src)
}

// setting checks one value.
func (c *checker) setting(s setting, at place, value string, named int) {
	if !s.prefix {
		if value != "" && !strings.ContainsRune(value, holeByte) {
			c.providerID(value, at, "azurerm")
		}
		return
	}
	var valid, broken []token.Token
	for _, t := range token.Find(value, token.UserAgent) {
		if t.Valid() {
			valid = append(valid, t)
		} else {
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
	if len(valid)+len(broken) > 0 && s.max > 0 && len(value) > s.max {
		report("U04", idOf(valid), "%s: an application id of %s is cut to %d characters or refused, and the text has %d", s.name, s.client, s.max, len(value))
	}
	if len(valid) == 0 && len(broken) == 0 {
		if s.max > 0 {
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
		c.agents = append(c.agents, agent{ids: ids, at: at})
	}
	if strings.EqualFold(s.name, "AddUserAgent") && strings.HasSuffix(strings.ToLower(c.file.name), ".ps1") {
		c.report("U08", at, "the id is sent by everything that this PowerShell process does from here on").ID = idOf(valid)
	}
	for _, id := range ids {
		if ok {
			c.confirm(at, id, s.name)
		}
	}
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
		} else if env == nil {
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
	src := c.src
	name := strings.ToLower(c.file.name)
	if !strings.HasSuffix(name, ".yml") && !strings.HasSuffix(name, ".yaml") {
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
