package template

import (
	"regexp"
	"strings"

	"github.com/pidledger/pidledger/cmd/template/arm"
	"github.com/pidledger/pidledger/cmd/template/deployments"
	"github.com/pidledger/pidledger/ingest/token"
)

// readKind says what a name is, as tracking goes.
type readKind uint8

const (
	readNothing   readKind = iota
	readTelemetry          // an id of Azure Verified Modules
	readTracking           // a valid tracking id
	readMalformed          // pid- and something that is not an id
	readBare               // a GUID without pid-
	readApart              // pid-, other words, a GUID
	readParameter          // the id is what a parameter says
	readBuild              // a placeholder that a build replaces
	readFile               // the id is in a file that could not be read
)

// reading is what one possible name says.
type reading struct {
	kind  readKind
	text  arm.Text // as deployed
	whole arm.Text // before a take shortened it
	mask  string   // of whole, lower case
	ids   []string
	start int // of the token or GUID in mask
	id    int // where the id itself starts
	end   int // after the id, before a suffix
	token token.Token
}

const telemetryPrefix = "46d3x"

var (
	bareGUID = regexp.MustCompile(token.BareGUID)
	pidWord  = regexp.MustCompile(token.Boundary + "pid-")
)

// read looks at one possible name of a deployment.
func read(t arm.Text, d *deployments.Deployment, registered func(string) bool) reading {
	r := reading{text: t, whole: t}
	if t.Cut != nil {
		r.whole = *t.Cut
	}
	r.mask = arm.LowerASCII(r.whole.Mask())
	for _, tok := range token.Find(r.mask, token.DeploymentName) {
		switch {
		case tok.Valid():
			if r.kind != readTracking {
				r.at(readTracking, tok)
			}
			r.ids = append(r.ids, tok.ID)
		case r.kind == readNothing:
			r.at(readMalformed, tok)
		}
	}
	if r.kind == readTracking {
		return r
	}
	if strings.HasPrefix(r.mask, telemetryPrefix) {
		r.kind = readTelemetry
		return r
	}
	if r.kind == readMalformed {
		return r
	}
	if r.readGUID(d, registered) {
		return r
	}
	if !d.Empty() {
		return r
	}
	if rest, ok := strings.CutPrefix(r.mask, "pid-"); ok {
		return r.readPid(rest, d)
	}
	if arm.BuildMark.MatchString(r.mask) {
		r.kind = readBuild
		return r
	}
	if len(t.Parts) == 1 && t.Parts[0].Hole != nil && t.Parts[0].Hole.Deps&arm.OnFile != 0 && !d.Outputs {
		r.kind = readFile
		return r
	}
	if len(t.Parts) == 1 && t.Parts[0].Hole != nil && t.Parts[0].Hole.Kind == arm.HoleParameter && !d.Outputs {
		if arm.HasWord(strings.Trim(strings.TrimPrefix(t.Parts[0].Hole.What, "parameters"), "()'"), "consent") {
			r.kind = readParameter
		}
	}
	return r
}

func (r *reading) at(kind readKind, tok token.Token) {
	r.kind, r.token, r.start = kind, tok, tok.Start
	r.id = tok.Start + len("pid-")
	r.end = tok.Start + len(tok.Text)
}

// readGUID looks for a GUID that no pid- stands right before.
func (r *reading) readGUID(d *deployments.Deployment, registered func(string) bool) bool {
	for _, loc := range bareGUID.FindAllStringSubmatchIndex(r.mask, -1) {
		start, end := loc[3], loc[1] // after the boundary
		if end-start != guidLen {
			continue
		}
		id := r.mask[start:end]
		known := registered(id)
		if !known && (!d.Empty() || d.Outputs) {
			continue
		}
		r.kind = readBare
		if pidWord.MatchString(r.mask[:start]) {
			r.kind = readApart
		}
		r.start, r.id, r.end, r.ids = start, start, end, []string{id}
		return true
	}
	return false
}

// readPid reads what follows pid- in the name of an empty deployment and is not a token.
func (r *reading) readPid(rest string, d *deployments.Deployment) reading {
	r.start, r.id, r.end = 0, len("pid-"), len(r.mask)
	r.kind = readMalformed
	r.token = token.Token{Text: r.mask, Reason: token.NotHex}
	if tok := token.Find(r.mask, token.UserAgent); len(tok) > 0 && !tok[0].Valid() && !strings.ContainsRune(rest, arm.HoleByte) {
		r.token = tok[0] // with the reason
	}
	if d.Outputs && r.token.Reason != token.Placeholder {
		r.kind = readNothing // a module that only computes
		return *r
	}
	if p := r.whole.PartAt(r.id); p != nil && p.Hole != nil && p.Hole.Deps&arm.OnFile != 0 {
		r.kind = readFile
	} else if p != nil && p.Hole != nil {
		switch p.Hole.Kind {
		case arm.HoleGUID, arm.HoleHash, arm.HoleDigits, arm.HoleTime: // made up at each deployment, so not registered
		default:
			r.kind = readParameter
		}
	} else if arm.BuildMark.MatchString(rest) {
		r.kind = readBuild
	}
	return *r
}

// origin says how far from the name the id was written.
func (r *reading) origin() arm.Origin {
	var from arm.Origin
	for at := r.id; at < r.end; {
		p := r.whole.PartAt(at)
		if p == nil {
			break
		}
		from = max(from, p.From)
		at++
	}
	return from
}

// suffix is what follows the id.
func (r *reading) suffix() string { return r.mask[r.end:] }

// partnerCenter reports whether the name ends as Partner Center's ids do.
func (r *reading) partnerCenter() bool {
	return r.token.Kind == token.KindWords && r.suffix() == "" || r.suffix() == partnerCenter
}

const (
	partnerCenter = "-partnercenter"
	guidLen       = 36
	maxName       = 64 // characters of a deployment's name
)

// show renders the whole name from an offset of the mask on, holes in braces.
func (r *reading) show(from int) string {
	at := 0
	var b strings.Builder
	for _, p := range r.whole.Parts {
		n := len(p.Lit)
		if p.Hole != nil {
			n = min(max(p.Hole.Max, 1), arm.MaskMax)
		}
		if at+n > from {
			if p.Hole != nil {
				b.WriteString("{" + p.Hole.What + "}")
			} else {
				b.WriteString(p.Lit[max(0, from-at):])
			}
		}
		at += n
	}
	return b.String()
}
