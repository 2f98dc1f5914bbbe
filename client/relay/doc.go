// Package relay is a forward proxy on this machine whose requests are paced jobs.
package relay
