package main

import (
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The tables of facts: resource types with their meters, what else happens in an activity log, and names.
//
//go:embed *.csv
var tables embed.FS

// kind is one resource type.
type kind struct {
	name   string // Microsoft.Compute/virtualMachines
	prefix string // of resource names
	child  string // type of children that have usage but no writes of their own; empty: none
	meters []meter
}

type meter struct {
	category, subcategory, name, unit, family string

	id    guid
	price int64 // per unit, in 10^-9 USD
	daily int64 // quantity a day, in 10^-6 units
}

// happening is one kind of event that the activity log holds besides the estate's own requests.
type happening struct {
	weight    int
	operation string // {type} stands for the type of the resource
	category  string
	results   []string
	target    string // resource or group
}

type facts struct {
	kinds []kind
	mix   []happening
	total int // of the weights
	words map[string][]string
}

// readFacts reads the embedded tables.
func readFacts() (*facts, error) {
	f := &facts{words: map[string][]string{}}
	err := eachRecord("catalog.csv", func(c []string) error {
		price, err := scaled(c[8], 9)
		if err != nil {
			return err
		}
		daily, err := scaled(c[9], 6)
		if err != nil {
			return err
		}
		if n := len(f.kinds); n == 0 || f.kinds[n-1].name != c[0] {
			f.kinds = append(f.kinds, kind{name: c[0], prefix: c[1], child: c[2]})
		}
		k := &f.kinds[len(f.kinds)-1]
		id := newGUID(random(7, uint64(len(f.kinds)*100+len(k.meters))))
		k.meters = append(k.meters, meter{c[3], c[4], c[5], c[6], c[7], id, price, daily})
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = eachRecord("activity_mix.csv", func(c []string) error {
		weight, err := strconv.Atoi(c[0])
		f.total += weight
		f.mix = append(f.mix, happening{weight, c[1], c[2], strings.Fields(c[3]), c[4]})
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, eachRecord("words.csv", func(c []string) error {
		f.words[c[0]] = append(f.words[c[0]], c[1])
		return nil
	})
}

// eachRecord calls do for every record after the header.
func eachRecord(name string, do func(cells []string) error) error {
	file, err := tables.Open(name)
	if err != nil {
		return err
	}
	r := csv.NewReader(file)
	for n := 0; ; n++ {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return file.Close()
		}
		if err == nil && n > 0 {
			err = do(cells)
		}
		if err != nil {
			return fmt.Errorf("table %s, record %d: %w", name, n, err)
		}
	}
}

// scaled reads a decimal as a whole number of 10^-scale.
func scaled(text string, scale int) (int64, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	if len(fraction) > scale {
		return 0, fmt.Errorf("%q has more than %d decimals", text, scale)
	}
	return strconv.ParseInt(whole+fraction+strings.Repeat("0", scale-len(fraction)), 10, 64)
}
