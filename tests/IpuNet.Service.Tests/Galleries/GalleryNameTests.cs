using IpuNet.Contract;

namespace IpuNet.Service.Tests.Galleries;

public sealed class GalleryNameTests
{
    [Theory]
    [InlineData("default")]
    [InlineData("0-staff-2")]
    [InlineData("a23456789-123456789-123456789-123456789-123456789-123456789-123")]
    public void FaultOf_AName_IsNull(string name) => GalleryName.FaultOf(name).ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData("Staff")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("größe")]
    [InlineData("a\n")]
    [InlineData("a23456789-123456789-123456789-123456789-123456789-123456789-1234")]
    public void FaultOf_WhatIsNone_SaysSo(string name) => GalleryName.FaultOf(name).ShouldNotBeNullOrEmpty();
}
