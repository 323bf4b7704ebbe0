package app

import (
	"cmp"
	"strings"
)

// Address is where a server is reached. References that spell it are to its own resources, so it decides what the index holds:
// every command that writes or compares resources takes the same flags as the server.
type Address struct {
	Listen  string `help:"Address on which the server listens." placeholder:"HOST:PORT" default:"127.0.0.1:8080"`
	BaseURL string `help:"Public address of the FHIR interface, such as https://ficus.example.org/fhir. References that spell it are to own resources, so all commands that write or compare resources must be given what the server has. Empty: links are as each caller addressed the server, and the address on which it listens is its own in references. Its origin is where apps and people sign in, and has to begin with https:// unless it is on this machine." placeholder:"URL"`
	TLSCert string `name:"tls-cert" help:"Certificate file of the server; with it and --tls-key, HTTPS is spoken." placeholder:"FILE"`
}

// noAddress takes the flags of Address where they are not needed, so that one set of flags works for all commands of a move.
type noAddress struct {
	Listen  string `help:"Not needed here; taken so that the flags of ficus migrate run can be given." placeholder:"HOST:PORT"`
	BaseURL string `help:"Not needed here; see --listen." placeholder:"URL"`
	TLSCert string `name:"tls-cert" help:"Not needed here; see --listen." placeholder:"FILE"`
}

// ownBase is the base by which references to this server's own resources are known: what
// the operator says, or the address on which the server listens. It must not depend on how a
// caller addressed us.
func (a Address) ownBase() string {
	if a.BaseURL != "" {
		return strings.TrimSuffix(a.BaseURL, "/")
	}
	scheme := "http://"
	if a.TLSCert != "" {
		scheme = "https://"
	}
	return scheme + cmp.Or(a.Listen, defaults().Listen) + "/fhir"
}
