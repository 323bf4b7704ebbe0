package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
)

func documentOperations() []operation {
	return []operation{on(operation{method: "GET", path: "/openapi.json", open: true, says: "This document",
		answers: map[int]reflect.Type{http.StatusOK: reflect.TypeFor[object]()}}, (*call).openAPI)}
}

// openAPI answers GET /openapi.json: what there is, the same for everybody.
func (c *call) openAPI(none) (json.RawMessage, error) {
	c.w.Header().Set("Cache-Control", "public, max-age=300")
	return c.s.document, nil
}

// document describes the operations (OpenAPI 3.1). It is made of what runs.
func document(version string, all []operation) []byte {
	known, paths := schemas{}, map[string]object{}
	for _, o := range all {
		if paths[Root+o.path] == nil {
			paths[Root+o.path] = object{}
		}
		paths[Root+o.path][strings.ToLower(o.method)] = known.operation(o)
	}
	text, err := json.Marshal(object{
		"openapi": "3.1.0",
		"info":    object{"title": "Ficus", "version": version, "description": "Sign-in and administration. What is below " + Root + "/auth is at " + Alias + " too."},
		"paths":   paths,
		"components": object{
			"schemas":         known,
			"securitySchemes": object{"bearer": object{"type": "http", "scheme": "bearer", "description": "an access token of POST " + Root + "/auth/login"}},
		},
	})
	if err != nil {
		panic(fmt.Sprintf("the document of the interface cannot be written: %v", err)) // it is made of constants
	}
	return text
}

func (s schemas) operation(o operation) object {
	out := object{"summary": o.says, "operationId": operationID(o), "responses": s.responses(o), "tags": []string{strings.Split(o.path, "/")[1]}}
	if params := o.parameters(); len(params) > 0 {
		out["parameters"] = params
	}
	if o.in != reflect.TypeFor[none]() {
		out["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": s.of(o.in)}}}
	}
	if !o.open {
		out["security"] = []object{{"bearer": names(o.needs)}}
	}
	return out
}

func names(needs []access.Permission) []string {
	out := []string{}
	for _, p := range needs {
		out = append(out, p.Name())
	}
	return out
}

// operationID is made of method and path: get_admin_users_id.
func operationID(o operation) string {
	words := regexp.MustCompile(`[^a-z]+`).ReplaceAllString(strings.ToLower(o.method+" "+o.path), "_")
	return strings.Trim(words, "_")
}

func (s schemas) responses(o operation) object {
	out := object{"default": object{"description": "what went wrong (RFC 9457)", "content": object{"application/problem+json": object{"schema": s.of(reflect.TypeFor[problem]())}}}}
	for status, t := range o.answers {
		r := object{"description": http.StatusText(status)}
		switch {
		case t == reflect.TypeFor[object]():
			r["content"] = object{"application/json": object{"schema": object{"type": "object"}}}
		case t != reflect.TypeFor[none]():
			r["content"] = object{"application/json": object{"schema": s.of(t)}}
		}
		out[strconv.Itoa(status)] = r
	}
	return out
}

// parameters are those of the path, of the query, and If-Match.
func (o operation) parameters() (out []object) {
	text := object{"type": "string"}
	for _, m := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(o.path, -1) {
		out = append(out, object{"name": m[1], "in": "path", "required": true, "schema": text})
	}
	for _, p := range o.params {
		out = append(out, object{"name": p.name, "in": "query", "description": p.says, "schema": text})
	}
	if o.changes {
		out = append(out, object{"name": "If-Match", "in": "header", "description": "the ETag of what was read: it is changed only if nobody else has changed it since", "schema": text})
	}
	return out
}
