return await IpuNet.Cli.IpuNetCommands.Program.RunAsync(args);
