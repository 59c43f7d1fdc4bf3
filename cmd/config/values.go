package config

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/cmd/template"
	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/ingest/spelling"
)

// OneOf checks a text against a list of values.
func OneOf(name, text string, values []string) (string, error) {
	if slices.Contains(values, text) {
		return text, nil
	}
	msg := fmt.Sprintf("%s is one of %s, not %q", name, strings.Join(values, ", "), text)
	if near := spelling.Nearest(strings.ToLower(text), values); near != "" {
		msg += fmt.Sprintf(" (did you mean %s?)", near)
	}
	return "", errors.New(msg)
}

// sizeUnits are the units of sizes; like the engine, kilo is 1000 and kibi is 1024.
var sizeUnits = []struct {
	name   string
	factor float64
}{
	{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"GIB", 1 << 30}, {"TIB", 1 << 40},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
}

// sizeText writes a whole number of megabytes or gigabytes as parseSize reads it.
func sizeText(n int64) string {
	if n%1e9 == 0 {
		return strconv.FormatInt(n/1e9, 10) + "GB"
	}
	return strconv.FormatInt(n/1e6, 10) + "MB"
}

// parseSize reads a size with its unit, such as 4GB or 1.5 GiB.
func parseSize(text string) (int64, error) {
	upper := strings.ToUpper(text)
	for _, u := range sizeUnits {
		number, found := strings.CutSuffix(upper, u.name)
		if !found {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || math.IsNaN(v) || v < 0 || v*u.factor > 1<<50 {
			break
		}
		return int64(v * u.factor), nil
	}
	return 0, fmt.Errorf("%q is not a size with a unit, such as 4GB", text)
}

// checkTrackingID brings a tracking id into the form in which ids are compared.
func checkTrackingID(text string) (string, error) {
	id := strings.TrimSuffix(strings.TrimPrefix(strings.ToLower(text), "pid-"), "-partnercenter")
	if id == "" || strings.ContainsAny(id, " \t/") {
		return "", fmt.Errorf("%q is not a tracking id", text)
	}
	return id, nil
}

// checkGUID checks a subscription id.
func checkGUID(text string) (string, error) {
	if !azure.IsGUID(text) {
		return "", fmt.Errorf("%q is not a subscription id (a GUID)", text)
	}
	return strings.ToLower(text), nil
}

// managementGroup is the name of a management group, which is not what the portal shows.
var managementGroup = regexp.MustCompile(`^[\pL\pN()._-]{1,90}$`)

// checkManagementGroup checks the name of a management group; a resource id is one, too.
func checkManagementGroup(text string) (string, error) {
	name := text[strings.LastIndexByte(text, '/')+1:]
	if text != "" && !managementGroup.MatchString(name) {
		return "", fmt.Errorf("%q is not the id of a management group: az account management-group list", text)
	}
	return name, nil
}

// checkRule checks the id of a rule, in any case.
func checkRule(text string) (string, error) {
	return OneOf("a rule of template check", strings.ToUpper(text), template.RuleIDs())
}
