package template

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
	"github.com/pidledger/pidledger/cmd/template/source"
	"github.com/pidledger/pidledger/ingest/token"
)

// agent is a place that puts ids into the User-Agent.
type agent struct {
	ids      []string
	at       deployments.Place
	provider bool // by partner_id: the provider adds it after what the environment says
	variable bool // of the environment
}

// settings looks for settings of the User-Agent in any text.
func (c *checker) settings() {
	x := c.o.near.script(c.file.name, c.file.data)
	if c.script = x; !x.Concerned() {
		return
	}
	x.Read()
	busy := 0 // the end of the last value
	for _, h := range x.Hits() {
		if h.At < busy {
			continue
		}
		v, ok := x.ValueOf(h)
		if !ok {
			continue
		}
		busy = max(v.To, h.End)
		c.setting(h.Setting, deployments.Place{Start: v.From, End: v.To}, v.Text, h.At)
	}
	c.together(x.Text)
}

// setting checks one value.
func (c *checker) setting(s source.Setting, at deployments.Place, value string, named int) {
	if !s.Agent() {
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
		case end < len(value) && value[end] == arm.HoleByte: // how it goes on is not known
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
		report("U06", "", "%s: %s: %s%s", s.Name, reasons[t.Reason], arm.Clip(t.Text), c.meant(t.Text))
	}
	if len(valid)+len(broken) > 0 && s.Beyond != "" && len(value) > source.ApplicationID {
		if s.Max > 0 {
			report("U04", idOf(valid), "%s: with %s an application id %s, and this one has %d", s.Name, s.Client, s.Beyond, len(value))
		} else {
			c.reportAs("U04", Info, at, "%s: an application id %s; this one has %d", s.Name, s.Beyond, len(value)).ID = idOf(valid)
		}
	}
	if len(valid) == 0 && len(broken) == 0 {
		if s.Beyond != "" {
			return // an application id is also what the directory calls an app
		}
		for _, word := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t,;", r) }) {
			if wholeGUID.MatchString(word) {
				report("U02", strings.ToLower(word), "%s: the GUID %s stands without pid- before it", s.Name, word)
			}
		}
		return
	}
	ids := idsOf(valid)
	if len(ids) > 1 {
		report("U03", ids[0], "%s has %d ids (%s); Azure reads one of a User-Agent", s.Name, len(ids), sample(ids))
	}
	if s.Overwritten && c.script.SetsForTasks(named) {
		report("U05", idOf(valid), "the tasks and actions that sign in to Azure set %s themselves, so what stands here is lost in them", s.Name)
	}
	if len(ids) > 0 {
		c.agents = append(c.agents, agent{ids: ids, at: at, variable: s.Form == source.FormVariable})
	}
	if strings.EqualFold(s.Name, "AddUserAgent") && c.script.Language == "powershell" {
		c.report("U08", at, "the id is sent by everything that this PowerShell process does from here on").ID = idOf(valid)
	}
	for _, id := range ids {
		if ok {
			c.confirm(at, id, s.Name)
		}
	}
}

// partnerSetting checks the value of a setting that takes one id. A field has a name that others have, too, so what does not look like an
// id is not one of it.
func (c *checker) partnerSetting(s source.Setting, at deployments.Place, value string) {
	value = decoded(value)
	if value == "" || strings.ContainsRune(value, arm.HoleByte) || s.Form == source.FormField && !source.LooksLikeID(value) {
		return
	}
	c.partnerValue(s.Name, value, at, s.Takes)
	if n := len(c.agents); n > 0 && strings.HasPrefix(s.Client, "Terraform") && c.agents[n-1].at == at {
		c.agents[n-1].provider = true
	}
}

// decoded undoes the base64 of a Kubernetes secret when that has an id.
func decoded(value string) string {
	if b, err := base64.StdEncoding.DecodeString(value); err == nil && source.LooksLikeID(strings.TrimSpace(string(b))) {
		return strings.TrimSpace(string(b))
	}
	return value
}

// confirm reports an id in order, and what the registry has against it.
func (c *checker) confirm(at deployments.Place, id, where string) {
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
		c.report("U03", env.at, "without a partner_id Terraform adds an id of its own after this one; Azure reads one of them").ID = env.ids[0]
	}
}

// partnerValue checks one id in the forms that a client takes; no forms: any.
func (c *checker) partnerValue(name, value string, at deployments.Place, takes []string) {
	f := partnerForm(value)
	if f.form == "" {
		why := "this is not a tracking id" // words where only a GUID goes
		if r := token.Normalise(value).Reason; r != "" && reasons[r] != "" {
			why = reasons[r]
		}
		c.report("U06", at, "%s: %s: %s%s", name, why, arm.Clip(value), c.meant(value))
		return
	}
	c.agents = append(c.agents, agent{ids: []string{f.id}, at: at})
	if len(takes) > 0 && !slices.Contains(takes, f.form) {
		c.report("U07", at, "%s takes %s only; %s would be refused or sent as it is", name, strings.Join(takes, ", "), arm.Clip(value)).ID = f.id
		return
	}
	c.confirm(at, f.id, name)
}

// partner is an id as a provider's partner_id has it.
type partner struct{ id, form string }

// partnerForm tells the forms of a partner_id; the form of what is not an id is empty.
func partnerForm(value string) partner {
	value = strings.TrimSpace(value)
	id := token.Normalise(value)
	text := arm.LowerASCII(value)
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
