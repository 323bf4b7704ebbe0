package api

import (
	"reflect"
	"strings"
	"time"
	"unicode"
)

// schemas are those of the types that bodies are made of (JSON Schema 2020-12), by name.
type schemas map[string]any

// object is JSON.
type object = map[string]any

// of is the schema of a type: for a struct, where it stands.
func (s schemas) of(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t.Kind() == reflect.Pointer:
		return s.of(t.Elem())
	case t.Kind() == reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case t.Kind() == reflect.Struct:
		return s.named(t)
	}
	return object{"type": typeName(t)}
}

// typeName is what JSON Schema calls a simple type.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "integer"
	case reflect.String:
		return "string"
	}
	return "object"
}

func (s schemas) named(t reflect.Type) object {
	name := schemaName(t)
	if _, known := s[name]; !known {
		s[name] = nil // a type may hold itself
		s[name] = s.structure(t)
	}
	return object{"$ref": "#/components/schemas/" + name}
}

// schemaName is a type's name; page[user] is UserPage.
func schemaName(t reflect.Type) string {
	outer, inner, generic := strings.Cut(strings.TrimSuffix(t.Name(), "]"), "[")
	if generic {
		return upper(inner[strings.LastIndex(inner, ".")+1:]) + upper(outer)
	}
	return upper(outer)
}

func upper(word string) string {
	letters := []rune(word)
	letters[0] = unicode.ToUpper(letters[0])
	return string(letters)
}

func (s schemas) structure(t reflect.Type) object {
	properties, required := object{}, []string{}
	for i := range t.NumField() {
		f := fieldOf(t.Field(i))
		properties[f.name] = s.property(f, t.Field(i).Type)
		if !f.optional {
			required = append(required, f.name)
		}
	}
	out := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

func (s schemas) property(f field, t reflect.Type) object {
	p := s.of(t)
	if f.says != "" {
		p["description"] = f.says
	}
	if len(f.among) > 0 {
		p["enum"] = f.among
	}
	least, most := "minLength", "maxLength"
	if p["type"] == "array" {
		least, most = "minItems", "maxItems"
	}
	if f.least > 0 {
		p[least] = f.least
	}
	if f.most > 0 {
		p[most] = f.most
	}
	return p
}
