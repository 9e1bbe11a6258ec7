return await IpuNet.Trainer.TrainerCommands.Program.RunAsync(args);
