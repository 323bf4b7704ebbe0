package searchcheck

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Stored says where the server put an entry.
type Stored struct{ Type, ID string }

// Corpus is what was loaded, as a reader of the files sees it. It keeps only the
// values that parameters look at.
type Corpus struct {
	params map[string][]param // by type
	docs   map[string][]*doc  // by type, in the order of loading
	byKey  map[string]*doc    // "Type/id"
	hidden map[*doc]bool      // what somebody does not see; nil: he sees everything
	found  map[string]string  // by conditional reference: what it led to
}

// doc is one resource.
type doc struct {
	id     string
	values [][]any // by position of the parameter in Corpus.params
}

// New is an empty corpus with the parameters of the table.
func New() *Corpus {
	return &Corpus{params: readParams(), docs: map[string][]*doc{}, byKey: map[string]*doc{}, found: map[string]string{}}
}

// Bundle adds the resources of a bundle, with the ids that the server gave to its entries and
// the references that follow from them. An entry that names what is there already (a conditional
// create that matched) adds nothing.
func (c *Corpus) Bundle(raw []byte, stored []Stored) error {
	var b struct {
		Entry []struct {
			FullURL  string
			Resource map[string]any
		}
	}
	if err := decode(raw, &b); err != nil {
		return err
	}
	if len(b.Entry) != len(stored) {
		return fmt.Errorf("a bundle of %d entries has %d answers", len(b.Entry), len(stored))
	}
	names := map[string]string{}
	for i, e := range b.Entry {
		names[e.FullURL] = stored[i].Type + "/" + stored[i].ID
	}
	for i, e := range b.Entry {
		c.add(c.relink(e.Resource, names).(map[string]any), stored[i])
	}
	return nil
}

// Resource adds one resource that was stored under the id it brought, or its next version.
func (c *Corpus) Resource(raw []byte, s Stored) error {
	var r map[string]any
	if err := decode(raw, &r); err != nil {
		return err
	}
	if old := c.byKey[s.Type+"/"+s.ID]; old != nil {
		*old = *c.doc(r, s)
		return nil
	}
	c.add(r, s)
	return nil
}

// Counts is the number of resources by type.
func (c *Corpus) Counts() map[string]int {
	n := map[string]int{}
	for t, docs := range c.docs {
		n[t] = len(docs)
	}
	return n
}

func (c *Corpus) add(r map[string]any, s Stored) {
	typ, _ := r["resourceType"].(string)
	if c.byKey[typ+"/"+s.ID] != nil {
		return
	}
	d := c.doc(r, s)
	c.docs[typ] = append(c.docs[typ], d)
	c.byKey[typ+"/"+s.ID] = d
}

func (c *Corpus) doc(r map[string]any, s Stored) *doc {
	r["id"] = s.ID
	d := &doc{id: s.ID}
	for _, p := range c.params[s.Type] {
		d.values = append(d.values, p.values(r))
	}
	return d
}

// relink replaces each reference by the one that the server stores: an urn by the entry's
// new id, a search by the one resource that it finds.
func (c *Corpus) relink(v any, names map[string]string) any {
	switch x := v.(type) {
	case []any:
		for i := range x {
			x[i] = c.relink(x[i], names)
		}
	case map[string]any:
		for k := range x {
			if text, isText := x[k].(string); isText && k == "reference" {
				x[k] = c.target(text, names)
				continue
			}
			x[k] = c.relink(x[k], names)
		}
	}
	return v
}

func (c *Corpus) target(text string, names map[string]string) string {
	if name, known := names[text]; known {
		return name
	}
	typ, query, conditional := strings.Cut(text, "?identifier=")
	if !conditional {
		return text
	}
	if c.found[text] == "" {
		c.found[text] = c.search(typ, query, text)
	}
	return c.found[text]
}

// search is the one resource that has the identifier; text if there is none.
func (c *Corpus) search(typ, query, text string) string {
	for i, p := range c.params[typ] {
		if p.code != "identifier" {
			continue
		}
		for _, d := range c.docs[typ] {
			if anyValue(d.values[i], func(v any) verdict { return p.token(v, query) }) == yes {
				return typ + "/" + d.id
			}
		}
	}
	return text
}

func decode(raw []byte, to any) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	return d.Decode(to)
}
