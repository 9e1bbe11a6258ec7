using IpuNet.Service.Galleries;

namespace IpuNet.Service.Tests.Galleries;

public sealed class EnrolmentImageTests
{
    [Theory]
    [InlineData("uploads/enrolments/7/01.png", "uploads", "enrolments/7/01.png", true)]
    [InlineData("uploads/enrolments/größe 写真.png", "uploads", "enrolments/größe 写真.png", true)]
    [InlineData("training/ada/1.jpg", "training", "ada/1.jpg", false)]
    public void Parse_OfAnImage_TakesItApart(string name, string container, string blob, bool isOfSubject)
    {
        EnrolmentImage image = EnrolmentImage.Parse(name, out string? fault)!;

        fault.ShouldBeNull();
        (image.Container, image.Blob, image.Name, image.IsOfSubject).ShouldBe((container, blob, name, isOfSubject));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("uploads/cam-7/1.png")]
    [InlineData("uploads/enrolments")]
    [InlineData("uploads/enrolments/")]
    [InlineData("uploads/enrolments/../cam-7/1.png")]
    [InlineData("uploads/enrolments/./1.png")]
    [InlineData("uploads/enrolments//1.png")]
    [InlineData(@"uploads/enrolments/..\1.png")]
    [InlineData("uploads/enrolments/C:/1.png")]
    [InlineData("uploads/enrolments/1\u0000.png")]
    [InlineData("uploads/enrolments/1\u001b[2J.png")]
    [InlineData("Uploads/enrolments/1.png")]
    [InlineData("uploads\uff0fenrolments\uff0f1.png")]
    [InlineData("uploads/enrolmen\u0442s/1.png")]
    [InlineData("training/1.png")]
    [InlineData("training/ada/more/1.png")]
    [InlineData("training/../galleries/1.png")]
    [InlineData("galleries/default/subjects/ada.json")]
    [InlineData("results/enrolments/7.json")]
    [InlineData("https://elsewhere.example/uploads/enrolments/1.png")]
    public void Parse_OfWhatIsNone_SaysWhatIsWrong(string? name)
    {
        EnrolmentImage.Parse(name, out string? fault).ShouldBeNull();

        fault.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void Parse_OfANameThatIsTooLong_SaysSoInShort()
    {
        EnrolmentImage.Parse($"uploads/enrolments/{new string('x', 5000)}.png", out string? fault).ShouldBeNull();

        fault = fault.ShouldNotBeNull();
        fault.ShouldContain("at most 900");
        fault.Length.ShouldBeLessThan(250);
    }
}
