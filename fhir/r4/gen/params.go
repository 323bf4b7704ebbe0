package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// paramsTable writes a line for each search parameter and one for each component of a composite.
func paramsTable(d *definitions, ids *paramIDs) ([]byte, error) {
	byURL := map[string]*searchParameter{}
	for _, p := range d.params {
		byURL[p.URL] = p
	}
	var t table
	for _, p := range d.params {
		slices.Sort(p.Base)
		slices.Sort(p.Target)
		t.line("P", strconv.Itoa(ids.of(p.URL)), p.Code, p.Type, p.URL, strings.Join(p.Base, ","), strings.Join(p.Target, ","), p.Expression)
		for _, c := range p.Component {
			part, ok := byURL[c.Definition]
			if !ok {
				return nil, fmt.Errorf("%s: component %s is not defined", p.URL, c.Definition)
			}
			t.line("C", part.Code, part.Type, part.URL, c.Expression)
		}
	}
	return t.Bytes(), nil
}
