package main

import "strings"

// compartmentsTable writes for each compartment and resource type the search parameters that put a resource into it. The
// definitions also write "{def}" for the resource that the compartment is of; that one is a member without a parameter.
func compartmentsTable(d *definitions) []byte {
	var t table
	for _, c := range d.compartments {
		for _, r := range c.Resource {
			if codes := paramCodes(r.Param); len(codes) > 0 {
				t.line(c.Code, r.Code, strings.Join(codes, ","))
			}
		}
	}
	return t.Bytes()
}

func paramCodes(params []string) []string {
	var codes []string
	for _, p := range params {
		if p != "{def}" {
			codes = append(codes, p)
		}
	}
	return codes
}
