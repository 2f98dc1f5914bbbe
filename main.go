// Command smp works with sessions of Zyte Smart Proxy Manager from the shell.
package main

func main() {}
