package app

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// meters are the metrics of the process and its database.
func (a *App) meters() (*prometheus.Registry, error) {
	r := prometheus.NewRegistry()
	return r, errors.Join(
		r.Register(collectors.NewGoCollector()),
		r.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})),
		r.Register(gauge("ficus_db_connections_max", "Connections to the database that may be open.", func() int { return a.DB.Stats().Max })),
		r.Register(gauge("ficus_db_connections_in_use", "Connections to the database in use.", func() int { return a.DB.Stats().InUse })),
	)
}

func gauge(name, help string, read func() int) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(read()) })
}
