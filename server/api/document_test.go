package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// document3 is the document of the interface, as far as answers are held to it.
type document3 struct {
	Version    string `json:"openapi"`
	Paths      map[string]map[string]described
	Components struct{ Schemas map[string]schema }
}

type described struct {
	ID        string `json:"operationId"`
	Summary   string
	Security  []map[string][]string
	Body      *media `json:"requestBody"`
	Responses map[string]media
}

type media struct {
	Content map[string]struct{ Schema schema }
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       string
	Properties map[string]schema
	Required   []string
	Items      *schema
	Enum       []string
	More       *bool `json:"additionalProperties"`
}

func readDocument(t testing.TB, text []byte) (d document3) {
	t.Helper()
	must(t, json.Unmarshal(text, &d))
	return d
}

// check holds an answer to the document, and notes which operations were answered well.
func (w *world) check(pattern string, h heard) {
	w.t.Helper()
	method, path, _ := strings.Cut(pattern, " ")
	if strings.HasPrefix(path, Alias+"/") {
		path = Root + path
	}
	o, known := w.doc.Paths[path][strings.ToLower(method)]
	if !known { // no operation: another method, or nothing
		if h.status < 400 {
			w.t.Errorf("%s is answered, and not in the document: %s", pattern, h)
		}
		return
	}
	m, known := o.Responses[fmt.Sprint(h.status)]
	switch {
	case known && h.status < 400:
		w.mu.Lock()
		w.asked[method+" "+path] = true
		w.mu.Unlock()
	case !known && h.status >= 400:
		m = o.Responses["default"]
	default:
		w.t.Errorf("%s: the document does not know the status %d", pattern, h.status)
	}
	content, has := m.Content[h.header.Get("Content-Type")]
	if has != (h.raw != "") {
		w.t.Errorf("%s: a body of %q, which the document does not know: %s", pattern, h.header.Get("Content-Type"), h)
	}
	if has {
		for _, why := range w.doc.wrong(content.Schema, h.body, "body") {
			w.t.Errorf("%s: %s: %s", pattern, why, h)
		}
	}
}

// wrong lists where a value is not as its schema says.
func (d document3) wrong(s schema, v any, at string) (why []string) {
	if s.Ref != "" {
		s = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	switch x := v.(type) {
	case map[string]any:
		if s.Type != "object" {
			return []string{at + " is an object"}
		}
		for _, name := range s.Required {
			if _, there := x[name]; !there {
				why = append(why, at+" lacks "+name)
			}
		}
		for name, value := range x {
			p, known := s.Properties[name]
			if !known && s.More != nil {
				why = append(why, at+" has "+name)
			}
			if known {
				why = append(why, d.wrong(p, value, at+"."+name)...)
			}
		}
	case []any:
		if s.Type != "array" {
			return []string{at + " is an array"}
		}
		for _, item := range x {
			why = append(why, d.wrong(*s.Items, item, at+"[]")...)
		}
	case string:
		if s.Type != "string" || len(s.Enum) > 0 && !slices.Contains(s.Enum, x) {
			return []string{at + " is a string, or another one"}
		}
	case bool:
		if s.Type != "boolean" {
			return []string{at + " is a boolean"}
		}
	case float64:
		if s.Type != "integer" {
			return []string{at + " is a number"}
		}
	default:
		return []string{at + " is null"}
	}
	return why
}

// TestTheDocumentIsOfWhatRuns compares the document with the routes, and follows its references.
func TestTheDocumentIsOfWhatRuns(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		h := w.want(http.StatusOK, "GET", "/api/v1/openapi.json", "", "")
		if w.doc.Version != "3.1.0" || h.header.Get("Cache-Control") == "no-store" {
			t.Error(w.doc.Version, h.header)
		}
		routes := map[string]bool{}
		for _, r := range w.s.Routes() {
			if r.Alias {
				if !routes[r.Method+" "+Root+r.Path] {
					t.Error("an alias of nothing:", r)
				}
				continue
			}
			routes[r.Method+" "+r.Path] = true
			o, known := w.doc.Paths[r.Path][strings.ToLower(r.Method)]
			if !known || o.Summary == "" || r.Open != (o.Security == nil) {
				t.Error("the document does not tell of", r)
			}
		}
		ids := map[string]bool{}
		for path, methods := range w.doc.Paths {
			for method, o := range methods {
				if !routes[strings.ToUpper(method)+" "+path] || ids[o.ID] {
					t.Error("the document tells of what does not run, or twice:", method, path, o.ID)
				}
				ids[o.ID] = true
			}
		}
		for _, ref := range strings.Split(h.raw, `"$ref":"`)[1:] {
			name, _, _ := strings.Cut(strings.TrimPrefix(ref, "#/components/schemas/"), `"`)
			if s, known := w.doc.Components.Schemas[name]; !known || s.Type != "object" {
				t.Error("no such schema:", name)
			}
		}
	})
}
