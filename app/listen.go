package app

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// What a slow or hostile client may cost.
const (
	headerTime = 10 * time.Second // to send the head of a request
	bodyTime   = 5 * time.Minute  // to send all of it
	answerTime = 10 * time.Minute // to take the answer, from the end of the head on
	idleTime   = 2 * time.Minute  // between two requests on one connection
	headerSize = 64 << 10
)

// listen opens the address. Faults: Unavailable if it is taken or not ours.
func (c Config) listen() (net.Listener, error) {
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "cannot listen: %v", err)
	}
	if c.TLSCert == "" && c.TLSKey == "" {
		return l, nil
	}
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, errors.Join(fault.New(fault.Invalid, "the certificate for HTTPS cannot be used: %v", err), l.Close())
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}), nil
}

// answer serves h on l until ctx ends; then it stops accepting and gives what is under
// way the time to end. nil: everything ended in that time.
func (c Config) answer(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, WriteTimeout: answerTime, IdleTimeout: idleTime, MaxHeaderBytes: headerSize,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // noise of clients that break off
	}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping: requests under way are finished first", slog.Duration("within", c.StopTime))
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.StopTime)
	defer cancel()
	if err := s.Shutdown(stop); err != nil {
		return errors.Join(fault.New(fault.TimedOut, "requests were cut off: they took longer than %s to end", c.StopTime), s.Close())
	}
	return nil
}
