package app

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ficushealth/ficus/server/api"
	"github.com/ficushealth/ficus/server/edge"
	"github.com/ficushealth/ficus/server/page"
)

// mount is a part of what is served: the patterns where it hangs, and each of its routes, as method and path.
type mount struct {
	patterns []string
	handler  http.Handler
	routes   []string
}

// mounts are all that is served. Nothing else is registered, so that what asks all routes of a mount has asked all there are.
func (a *App) mounts(metrics prometheus.Gatherer, pages *page.Set) []mount {
	gate, issuer := a.signIn(pages, a.Config.limits(a.Now))
	fhir, domain := a.rest(gate), a.api(gate, issuer)
	signIn := mount{handler: issuer}
	for _, r := range issuer.Routes() {
		signIn.patterns = append(signIn.patterns, r.Method+" "+r.Path)
	}
	signIn.routes = signIn.patterns
	f := mount{patterns: []string{"/fhir", "/fhir/"}, handler: fhir}
	for _, r := range fhir.Routes() {
		f.routes = append(f.routes, r.Method+" "+r.Path)
	}
	d := mount{patterns: []string{api.Root + "/", api.Alias + "/"}, handler: domain}
	for _, r := range domain.Routes() {
		d.routes = append(d.routes, r.Method+" "+r.Path)
	}
	return []mount{f, signIn, d, style(pages), alone("GET /healthz", edge.Healthz()), alone("GET /readyz", edge.Readyz(a.DB.Ping)), alone("GET /metrics", edge.Metrics(metrics, watcher(gate)))}
}

// alone is a mount of one route.
func alone(route string, h http.Handler) mount { return mount{[]string{route}, h, []string{route}} }

// style is the stylesheet of the pages, whose name has its hash.
func style(pages *page.Set) mount {
	return mount{[]string{"GET " + pages.Path()}, pages, []string{"GET /page/style.{hash}.css"}}
}
