package main

import (
	"maps"
	"slices"
	"strings"
)

// valueSetsTable writes every value set that an element is bound to with strength required: a line of its url, whether the
// codes are all there are, and then a line for each code system with its codes.
func valueSetsTable(d *definitions) []byte {
	var t table
	for _, url := range requiredBindings(d) {
		codes := d.codesOf(url)
		complete := "partial"
		if len(codes) > 0 && d.enumerable(url) {
			complete = "complete"
		}
		t.line("S", url, complete)
		for _, system := range slices.Sorted(maps.Keys(codes)) {
			t.line(append([]string{"C", system}, codes[system]...)...)
		}
	}
	return t.Bytes()
}

func requiredBindings(d *definitions) []string {
	urls := map[string]bool{}
	for _, s := range d.structures {
		for _, e := range s.Snapshot.Element {
			if isType(s) && e.Binding.Strength == "required" && e.Binding.ValueSet != "" {
				urls[unversioned(e.Binding.ValueSet)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(urls))
}

// codesOf is the published expansion: the sorted codes of each system; a concept that is only a heading is not a code.
func (d *definitions) codesOf(url string) map[string][]string {
	codes := map[string][]string{}
	if v := d.expansions[url]; v != nil {
		gather(codes, v.Expansion.Contains)
	}
	for system := range codes {
		slices.Sort(codes[system])
		codes[system] = slices.Compact(codes[system])
	}
	return codes
}

func gather(codes map[string][]string, cs []contained) {
	for _, c := range cs {
		if !c.Abstract && c.Code != "" {
			codes[c.System] = append(codes[c.System], c.Code)
		}
		gather(codes, c.Contains)
	}
}

// enumerable says that the published expansion can be trusted to be whole: every part of the value set lists its concepts or
// draws on a code system whose content the specification itself publishes in full.
func (d *definitions) enumerable(url string) bool {
	v := d.valueSets[unversioned(url)]
	if v == nil || len(v.Compose.Include) == 0 {
		return false
	}
	for _, in := range v.Compose.Include {
		if len(in.Concept) > 0 || d.published(in.System) {
			continue
		}
		if in.System != "" || !slices.ContainsFunc(in.ValueSet, d.enumerable) || slices.ContainsFunc(in.ValueSet, d.open) {
			return false
		}
	}
	return true
}

func (d *definitions) open(url string) bool { return !d.enumerable(url) }

func (d *definitions) published(system string) bool {
	c := d.codeSystems[strings.TrimSuffix(system, "/")]
	return c != nil && c.Content == "complete"
}
