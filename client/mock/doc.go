// Package mock is a stateful Smart Proxy Manager on loopback.
package mock
