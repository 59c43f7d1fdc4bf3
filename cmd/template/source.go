package template

import (
	"path"
	"strings"
)

// IsSource reports whether ScanSource knows the language of a file by its name: Bicep, Terraform, shell, PowerShell, YAML and the code of
// Azure's SDKs (sources.csv).
func IsSource(name string) bool { return sourceLanguage(name) != "" }

func sourceLanguage(name string) string {
	base := strings.ToLower(path.Base(slashed(name)))
	if l := data().sources[base]; l != "" {
		return l
	}
	for i := range len(base) {
		if base[i] != '.' {
			continue
		}
		if l := data().sources[base[i:]]; l != "" { // main.tf.json before .json
			return l
		}
		if l := data().sources[base[:i]]; l != "" { // Dockerfile.prod, .env.prod
			return l
		}
	}
	return ""
}

// Related reports whether two sources share names when they lie in one folder, so that the one is checked with the other beside it.
func Related(name, other string) bool {
	a, b := sourceLanguage(name), sourceLanguage(other)
	return a != "" && a != "bicep" && kinOf(a) == kinOf(b)
}

// ScanSource looks for tracking ids in a source that is no ARM template: deployments named pid-... in Bicep and Terraform (rules L and R), and
// settings of the User-Agent in Terraform providers, scripts, pipelines and code (rules U and R). Other files have no findings. What a
// language has beyond what this package reads is passed over; no source is refused for it.
func ScanSource(name string, data []byte, o Options) ([]Finding, error) {
	o.Limits = o.Limits.withDefaults()
	if int64(len(data)) > o.Limits.MaxFile {
		return nil, ErrTooLarge
	}
	c := newChecker(name, data, o)
	c.source()
	found, _, err := c.done()
	return found, err
}

func (c *checker) source() {
	switch sourceLanguage(c.file.name) {
	case "":
		return
	case "bicep":
		c.bicep()
	case "terraform":
		c.terraform()
	}
	c.settings()
}
